using LilyVM.Hypervisor;

namespace LilyVM.Boot;

/// <summary>
/// A processor as QEMU's option -cpu names it. Every guest has its host's, so the model is <c>host</c>; what can be chosen is which of its
/// features the guest's kernel does not see. Programs see them by CPUID all the same, where engines let them execute it.
/// </summary>
internal sealed class CpuModel
{
    /// <summary>The host's processor with all that a guest can see of it.</summary>
    internal const string Host = "host";

    private const string Everything = "max"; // in QEMU the most that the emulator has; here, as under KVM, the same as the host's
    private const uint FeatureLeaf = 1, ExtendedLeaf = 0x8000_0001, StateLeaf = 0xD;
    private const string Xsave = "xsave";

    private readonly List<CpuFeature> hidden = [], wanted = [];

    private readonly GuestArchitecture? architecture;

    private CpuModel(GuestArchitecture? architecture) => this.architecture = architecture;

    /// <summary>Features that the guest's kernel does not see.</summary>
    internal IReadOnlyList<CpuFeature> Hidden => hidden;

    /// <summary>Features that it must see.</summary>
    internal IReadOnlyList<CpuFeature> Wanted => wanted;

    /// <summary>
    /// Reads a model and its features: <c>host,-cx8,+sse2,apic=off</c>. Of two words for one feature the last one counts.
    /// </summary>
    /// <param name="text">The words.</param>
    /// <param name="architecture">The guest's; null if it is not known yet, so that what one of them can have is taken.</param>
    /// <exception cref="LilyVMException">A word is not understood, or asks for what no guest can have.</exception>
    internal static CpuModel Parse(string text, GuestArchitecture? architecture = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split(',');
        if (words[0] is not (Host or Everything))
            throw new LilyVMException(
                $"A guest has the processor of its host, not '{words[0]}'; write host, then features to leave out, such as host,-cx8.");
        var model = new CpuModel(architecture);
        foreach (string word in words[1..])
            model.Add(word);
        return model;
    }

    /// <summary>The leaves of a guest with this processor, given those that a guest sees of its host's.</summary>
    /// <exception cref="LilyVMException">A feature that it must see is not there.</exception>
    internal IReadOnlyList<CpuidEntry> Apply(IReadOnlyList<CpuidEntry> host)
    {
        foreach (CpuFeature feature in wanted)
        {
            if (!host.Any(entry => (BitsIn(entry, feature) & Register(entry, feature.Register)) != 0))
                throw new LilyVMException(
                    $"This host's processor has no {feature.Name} that a guest could see; leave out +{feature.Name}.");
        }
        if (hidden.Any(f => f.Name == Xsave))
            host = [.. host.Where(entry => entry.Leaf != StateLeaf)];
        return [.. host.Select(Without)];
    }

    private void Add(string word)
    {
        bool on = true;
        string name = word;
        if (word.StartsWith('+') || word.StartsWith('-'))
        {
            on = word[0] == '+';
            name = word[1..];
        }
        else if (word.Split('=') is [string left, string right])
        {
            name = left;
            on = right is "on" or "true" or "yes" || (right is "off" or "false" or "no" ? false : throw Unknown(word));
        }
        CpuFeature feature = CpuFeatures.Find(name) ?? throw Unknown(name);
        hidden.Remove(feature);
        wanted.Remove(feature);
        if (on)
            RequirePossible(feature);
        (on ? wanted : hidden).Add(feature);
    }

    private void RequirePossible(CpuFeature feature)
    {
        HiddenFeatures? row = CpuidMasks.All.FirstOrDefault(r =>
            r.Leaf == feature.Leaf && r.Subleaf == feature.Subleaf && r.Register == feature.Register && r.Bits.Contains(feature.Bit) &&
            (architecture is null ? r.Only is null : r.AppliesTo(architecture)));
        if (row is not null)
            throw new LilyVMException($"No guest can have the CPU feature {feature.Name} ({row.Reason}); leave out +{feature.Name}.");
    }

    private static LilyVMException Unknown(string name)
    {
        IReadOnlyList<string> near = NearestNames.Of(name, CpuFeatures.All.Select(f => f.Name));
        string hint = near.Count == 0 ? "`qemu-system-i386 -cpu help` lists them" : $"perhaps {string.Join(" or ", near)} is meant";
        return new LilyVMException($"There is no CPU feature '{name}'; {hint}.");
    }

    private CpuidEntry Without(CpuidEntry entry)
    {
        foreach (CpuFeature feature in hidden)
        {
            uint kept = ~BitsIn(entry, feature);
            switch (feature.Register)
            {
                case CpuidRegister.Eax:
                    entry.Eax &= kept;
                    break;
                case CpuidRegister.Ebx:
                    entry.Ebx &= kept;
                    break;
                case CpuidRegister.Ecx:
                    entry.Ecx &= kept;
                    break;
                default:
                    entry.Edx &= kept;
                    break;
            }
        }
        return entry;
    }

    // The feature's bit if it is in this leaf, or repeated there; else 0.
    private static uint BitsIn(CpuidEntry entry, CpuFeature feature)
    {
        uint bit = 1u << feature.Bit;
        if (entry.Leaf == feature.Leaf && (entry.Subleaf == feature.Subleaf || entry.Subleaf == CpuidEntry.AnySubleaf))
            return bit;
        bool repeats = entry.Leaf == ExtendedLeaf && feature is { Leaf: FeatureLeaf, Register: CpuidRegister.Edx };
        return repeats ? bit & CpuFeatures.RepeatedByAmd : 0;
    }

    private static uint Register(CpuidEntry entry, CpuidRegister register) => register switch
    {
        CpuidRegister.Eax => entry.Eax,
        CpuidRegister.Ebx => entry.Ebx,
        CpuidRegister.Ecx => entry.Ecx,
        _ => entry.Edx,
    };
}
