using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using LilyVM.Abi.X64;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Rules.X64;

/// <summary>Absolute addresses of the fields of the vCPU page, as inline forms name them.</summary>
internal static partial class VcpuFields
{
    private static readonly Dictionary<string, uint> Places = typeof(VcpuPage).GetFields()
        .ToDictionary(f => f.Name.ToLowerInvariant(), f => VmArea.Vcpu + (uint)Marshal.OffsetOf<VcpuPage>(f.Name));

    /// <summary>Where a jump that replaces an instruction leaves its own address.</summary>
    public static string TransferSite { get; } = Hex(Places["transfersite"]);

    /// <summary>Fills a template of <see cref="InlineText"/>.</summary>
    public static string Fill(string template, IReadOnlyList<Operand> operands) => Place().Replace(template, match =>
    {
        string name = match.Groups[1].Value;
        if (char.IsAsciiDigit(name[0]))
            return operands[name[0] - '0'].Text;
        uint place = Places[name[0] == '%' ? operands[name[1] - '0'].RegisterName : name];
        return Hex(place + (match.Groups[2].Success ? 1u : 0));
    });

    private static string Hex(uint address) => "0x" + address.ToString("x8", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(%?\w+)(\+1)?\}")]
    private static partial Regex Place();
}
